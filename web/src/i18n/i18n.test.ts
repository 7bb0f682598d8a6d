import { expect, it } from "vitest";
import en from "./en.json";
import { clock, formatFor } from "./format";
import hi from "./hi.json";
import { translated } from "./said";
import said from "./said.hi.json";

type Tree = { [key: string]: string | Tree };

function leaves(tree: Tree, path = "", found = new Map<string, string>()): Map<string, string> {
  for (const [key, value] of Object.entries(tree)) {
    if (typeof value === "string") found.set(path + key, value);
    else leaves(value, `${path}${key}.`, found);
  }
  return found;
}

const variables = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}|<(\w+)>/g)].map((match) => match[0]).toSorted();

it("says everything in both languages, with the same variables", () => {
  const [english, hindi] = [leaves(en), leaves(hi)];
  expect([...hindi.keys()].toSorted()).toEqual([...english.keys()].toSorted());
  for (const [key, text] of english) expect([key, variables(hindi.get(key) ?? "")]).toEqual([key, variables(text)]);
});

it("is Hindi in Devanagari", () => {
  const latin = [...leaves(hi)].filter(([, text]) => !/[\u0900-\u097f]/.test(text)).map(([key]) => key);
  expect(latin).toEqual(["app.name", "recorder.languageEn"]);
});

it("writes stretches and positions for the reader", () => {
  expect(clock(187.9)).toBe("3:07");
  expect(clock(3723)).toBe("1:02:03");
  expect(formatFor("en").stretch(90)).toBe("1 min 30 secs");
  expect(formatFor("en").took(0.234)).toBe("0.2 secs");
  expect(formatFor("en").took(57.8)).toBe("58 secs");
  expect(formatFor("hi").percent(0.57)).toBe("57%");
});

it("says the server's sentences in Hindi, with their numbers, and leaves unknown ones as they are", () => {
  expect(translated("The writer did not finish within 120 s.", said)).toContain("120 सेकंड");
  expect(translated("2 cores, 25 GB of memory, no CUDA device", said)).toBe("2 कोर, 25 GB मेमोरी, CUDA डिवाइस नहीं");
  expect(translated("Something new, 3 times.", said)).toBe("Something new, 3 times.");
  for (const text of Object.values(said)) expect(text).toMatch(/[\u0900-\u097f]/);
});
