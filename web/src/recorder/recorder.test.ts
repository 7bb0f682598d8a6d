import { expect, it } from "vitest";
import { sha256, sha256OfSlices } from "./hash";
import { levelOf } from "./meter";
import { bareType, problemNamed, recordingFormat } from "./microphone";
import { Stopwatch } from "./stopwatch";

it("counts time by the clock, without the pauses", () => {
  let now = 1_000;
  const watch = new Stopwatch(() => now);
  watch.run();
  now += 3_000;
  expect(watch.elapsed).toBe(3_000);
  watch.hold();
  now += 60_000;
  expect(watch.elapsed).toBe(3_000);
  watch.run();
  watch.run(); // pressing twice changes nothing
  now += 500;
  expect(watch.elapsed).toBe(3_500);
});

it("hashes as the server does", async () => {
  const abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  expect(await sha256(new TextEncoder().encode("abc"))).toBe(abc);
  expect(await sha256OfSlices([abc, abc])).toBe(await sha256(new TextEncoder().encode(abc + abc)));
});

it("records Opus where it can and AAC on Safari", () => {
  expect(recordingFormat(() => true)).toBe("audio/webm;codecs=opus");
  expect(recordingFormat((type) => type.startsWith("audio/mp4"))).toBe("audio/mp4;codecs=mp4a.40.2");
  expect(recordingFormat(() => false)).toBeUndefined();
  expect(bareType("audio/webm;codecs=opus")).toBe("audio/webm");
});

it.each([
  ["NotAllowedError", "denied"],
  ["NotFoundError", "none"],
  ["NotReadableError", "busy"],
  ["TypeError", "failed"],
])("explains %s as %s", (name, problem) => {
  expect(problemNamed(name)).toBe(problem);
});

it("shows silence as nothing and a loud voice as full", () => {
  expect(levelOf(new Float32Array(2048))).toBe(0);
  expect(levelOf(new Float32Array(2048).fill(0.5))).toBe(1);
  const quiet = levelOf(new Float32Array(2048).fill(0.01));
  expect(quiet).toBeGreaterThan(0.2);
  expect(quiet).toBeLessThan(0.6);
});
