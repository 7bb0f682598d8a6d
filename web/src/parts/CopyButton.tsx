import { Button, type ButtonProps } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { announce } from "./announce";
import { Icon } from "./Icon";

const SHOWN_MS = 2_000;

/** Copies text; says that it did. `text` is asked for at the click. */
export function CopyButton({ text, label, ...rest }: { text: () => string; label: string } & ButtonProps) {
  const { t } = useTranslation();
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await writeClipboard(text());
    setCopied(true);
    announce(t("app.copied"));
    setTimeout(() => setCopied(false), SHOWN_MS);
  };
  return (
    <Button
      variant="default"
      leftSection={<Icon name={copied ? "check" : "copy"} size={18} />}
      onClick={() => void copy()}
      {...rest}
    >
      {copied ? t("app.copied") : label}
    </Button>
  );
}

/** The clipboard needs a secure context; on plain http a hidden field does. */
async function writeClipboard(text: string): Promise<void> {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const field = document.createElement("textarea");
  field.value = text;
  document.body.append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
}
