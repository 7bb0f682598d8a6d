import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";
import { NotFoundPage } from "./pages/NotFoundPage";
import { RecorderPage } from "./pages/recorder/RecorderPage";
import { Shell } from "./shell/Shell";

const root = createRootRoute({ component: Shell, notFoundComponent: NotFoundPage });

/** The recorder is in the first file to load; the desk's pages come when they are asked for. */
const home = createRoute({ getParentRoute: () => root, path: "/", component: RecorderPage });
const recording = createRoute({
  getParentRoute: () => root,
  path: "/recordings/$recordingId",
  component: lazyRouteComponent(() => import("./pages/consultation/routes"), "RecordingRoute"),
});
const note = createRoute({
  getParentRoute: () => root,
  path: "/notes/$noteId",
  component: lazyRouteComponent(() => import("./pages/consultation/routes"), "NoteRoute"),
});
const engines = createRoute({
  getParentRoute: () => root,
  path: "/engines",
  component: lazyRouteComponent(() => import("./pages/EnginesPage"), "EnginesPage"),
});

export const router = createRouter({
  routeTree: root.addChildren([home, recording, note, engines]),
  basepath: "/app",
  scrollRestoration: true,
  defaultPreload: false,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
