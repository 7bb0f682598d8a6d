import { ActionIcon, TextInput, type TextInputProps } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Icon } from "./Icon";

/** A password, and a button that shows it: who sees what they type mistypes less. */
export function PasswordField(props: TextInputProps & { autoComplete: "current-password" | "new-password" }) {
  const { t } = useTranslation();
  const [shown, setShown] = useState(false);
  return (
    <TextInput
      size="md"
      autoCapitalize="none"
      autoCorrect="off"
      spellCheck={false}
      maxLength={1000}
      {...props}
      type={shown ? "text" : "password"}
      rightSectionWidth={44}
      rightSectionPointerEvents="all"
      rightSection={
        <ActionIcon
          variant="subtle"
          size={36}
          aria-label={t(shown ? "signIn.hidePassword" : "signIn.showPassword")}
          aria-pressed={shown}
          onClick={() => setShown(!shown)}
        >
          <Icon name={shown ? "eyeOff" : "eye"} />
        </ActionIcon>
      }
    />
  );
}
