// Style sheets come first, in this order: what comes later wins.
import "./mantine.css";
import "virtual:theme-variables.css";
import "./styles.css";
import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { queryClient } from "./api/queries";
import { prepareLanguage } from "./i18n";
import { recorder } from "./recorder/use-recorder";
import { outbox } from "./registration/use-outbox";
import { router } from "./router";
import { keepOnDevice } from "./shell/use-update";
import { theme } from "./theme";

async function begin(): Promise<void> {
  await prepareLanguage();
  const root = document.getElementById("root");
  if (!root) return;
  createRoot(root).render(
    <StrictMode>
      {/* Mantine's own variables and classes come from style sheets: it would write them inline otherwise. */}
      <MantineProvider theme={theme} defaultColorScheme="auto" withCssVariables={false} withGlobalClasses={false} withStaticClasses>
        <QueryClientProvider client={queryClient}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  );
  recorder.begin();
  outbox.begin();
  await keepOnDevice();
}

void begin();
