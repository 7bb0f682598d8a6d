import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import en from "./en.json";

export type AppLanguage = "en" | "hi";
export const LANGUAGES: readonly AppLanguage[] = ["en", "hi"];

const KEY = "auscult-language";

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "translation";
    resources: { translation: typeof en };
  }
}

/** Get ready to speak; resolves when the chosen language is loaded. English is built in, so something always shows. */
export async function prepareLanguage(): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: "en",
    fallbackLng: "en",
    resources: { en: { translation: en } },
    interpolation: { escapeValue: false }, // React escapes
  });
  try {
    await speak(remembered());
  } catch {
    // The file with the words could not be fetched: English is better than an empty page.
  }
}

/** Change the language of the app and of the document. */
export async function speak(language: AppLanguage): Promise<void> {
  if (language === "hi" && !i18next.hasResourceBundle("hi", "translation")) {
    const [{ default: hi }, { default: said }] = await Promise.all([import("./hi.json"), import("./said.hi.json")]);
    i18next.addResourceBundle("hi", "translation", hi);
    i18next.addResourceBundle("hi", "said", said);
  }
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
  try {
    localStorage.setItem(KEY, language);
  } catch {
    // Storage is blocked: the choice lasts until the page is closed.
  }
}

function remembered(): AppLanguage {
  let chosen: string | null = null;
  try {
    chosen = localStorage.getItem(KEY);
  } catch {
    // Storage is blocked: go by the browser's language.
  }
  return (chosen ?? navigator.language).startsWith("hi") ? "hi" : "en";
}
