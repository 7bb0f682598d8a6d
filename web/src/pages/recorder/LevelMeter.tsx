import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { recorder } from "../../recorder/use-recorder";
import classes from "./Recorder.module.css";

const BARS = 32;
const BAR_MS = 90;
const TELL_MS = 1_000;

/** How loud it is and was in the last three seconds. Drawn past React: it moves eleven times a second. */
export function LevelMeter({ paused }: { paused: boolean }) {
  const { t } = useTranslation();
  const frame = useRef<HTMLDivElement>(null);
  const [percent, setPercent] = useState(0);

  useEffect(() => {
    const levels: number[] = Array.from({ length: BARS }, () => 0);
    const draw = setInterval(() => {
      levels.push(recorder.level);
      levels.shift();
      const bars = frame.current?.children ?? [];
      for (const [index, bar] of Array.from(bars).entries()) {
        if (bar instanceof HTMLElement) bar.style.transform = `scaleY(${Math.max(0.05, levels[index] ?? 0)})`;
      }
    }, BAR_MS);
    const tell = setInterval(() => setPercent(Math.round(Math.max(...levels.slice(-10)) * 100)), TELL_MS);
    return () => {
      clearInterval(draw);
      clearInterval(tell);
    };
  }, []);

  return (
    <div
      ref={frame}
      className={classes.meter}
      role="meter"
      aria-label={t("recorder.level")}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
      data-paused={paused || undefined}
    >
      {Array.from({ length: BARS }, (_, index) => (
        // The bars never change places.
        // eslint-disable-next-line react/no-array-index-key
        <span key={index} />
      ))}
    </div>
  );
}
