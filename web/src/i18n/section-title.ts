import hindi from "./sections.hi.json";

/** By language of the note: the headings of the templates, whose own words are English. */
const TITLES: Readonly<Record<string, Readonly<Record<string, string>>>> = { hi: hindi };

/** The heading of a section in the language of its note; one that no template has stays as it is. */
export function sectionTitle(title: string, language: string): string {
  return TITLES[language]?.[title] ?? title;
}
