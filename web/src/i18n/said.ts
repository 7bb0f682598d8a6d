import i18next from "i18next";
import { useTranslation } from "react-i18next";

/** What the server says in English, sentence by sentence, in another language; `#` stands for a number. */
export type SaidTable = Readonly<Record<string, string>>;

const NUMBER = /\d+(?:\.\d+)?/g;

/** The sentence in the table's language, its numbers put back in their order; as it was when the table lacks it. */
export function translated(sentence: string, table: SaidTable): string {
  const numbers = sentence.match(NUMBER) ?? [];
  const found = table[sentence] ?? table[sentence.replace(NUMBER, "#")];
  return found?.replace(/#/g, () => numbers.shift() ?? "") ?? sentence;
}

/** Puts a sentence of the server into the reader's language. */
export function useSaid(): (sentence: string) => string {
  const { i18n } = useTranslation();
  const table = i18next.getResourceBundle(i18n.language, "said") as SaidTable | undefined;
  return (sentence) => (table ? translated(sentence, table) : sentence);
}
