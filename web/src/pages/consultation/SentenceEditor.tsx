import { Button, Textarea } from "@mantine/core";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import classes from "./NotePanel.module.css";

interface SentenceEditorProps {
  label: string;
  text: string;
  busy: boolean;
  onSave: (text: string) => void;
  onCancel: () => void;
  /** What else is asked of it. */
  children?: ReactNode;
}

/** A sentence being written. Enter saves, Escape leaves it as it was. */
export function SentenceEditor({ label, text, busy, onSave, onCancel, children }: SentenceEditorProps) {
  const { t } = useTranslation();
  const [value, setValue] = useState(text);
  const save = () => {
    const wanted = value.trim().replace(/\s+/g, " ");
    if (!wanted || wanted === text) onCancel();
    else onSave(wanted);
  };
  return (
    <div className={classes.editor}>
      <Textarea
        aria-label={label}
        value={value}
        rows={Math.min(5, 1 + Math.ceil(value.length / 60))}
        size="md"
        autoFocus
        onChange={(event) => setValue(event.currentTarget.value)}
        onKeyDown={(event) => {
          // A word still being composed (Devanagari, accents) takes its own Enter.
          if (event.nativeEvent.isComposing) return;
          if (event.key === "Enter" && !event.shiftKey) {
            event.preventDefault();
            save();
          }
          if (event.key === "Escape") onCancel();
        }}
      />
      {children}
      <div className={classes.buttons}>
        <Button size="sm" onClick={save} loading={busy}>
          {t("app.save")}
        </Button>
        <Button size="sm" variant="default" onClick={onCancel}>
          {t("app.cancel")}
        </Button>
      </div>
    </div>
  );
}
