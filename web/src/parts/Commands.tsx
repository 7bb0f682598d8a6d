import { Code } from "@mantine/core";

/** A sentence in which `commands` between backticks look like commands. */
export function Commands({ text }: { text: string }) {
  return text.split("`").map((part, index) =>
    // Every second part stood between backticks; the sentence never changes its order.
    // eslint-disable-next-line react/no-array-index-key
    index % 2 === 1 ? <Code key={index}>{part}</Code> : part,
  );
}

/** The commands in a sentence. */
export function commandsIn(text: string): string[] {
  return text.split("`").filter((_, index) => index % 2 === 1);
}
