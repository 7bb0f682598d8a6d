import { useTranslation } from "react-i18next";

/** Ways to write times and numbers for the reader. Hindi keeps Latin digits, as clinics in India do. */
export interface Format {
  /** Today's times as a time; others with their date. */
  moment(iso: string | number): string;
  /** The date and the time to the second. */
  exact(iso: string): string;
  time(iso: string | number): string;
  date(iso: string): string;
  percent(fraction: number): string;
  megabytes(bytes: number): string;
  /** A stretch in words: `1 min 30 s`. */
  stretch(seconds: number): string;
  /** How long a step took: tenths while they matter. */
  took(seconds: number): string;
  number(value: number): string;
}

export function formatFor(language: string): Format {
  const locale = language === "hi" ? "hi-IN-u-nu-latn" : "en-GB";
  const time = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const day = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short" });
  const full = new Intl.DateTimeFormat(locale, { day: "numeric", month: "long", year: "numeric" });
  const exact = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "medium", hourCycle: "h23" });
  const percent = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 0 });
  const megabytes = new Intl.NumberFormat(locale, { style: "unit", unit: "megabyte", maximumFractionDigits: 0 });
  const number = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
  const unit = (name: string) => new Intl.NumberFormat(locale, { style: "unit", unit: name, unitDisplay: "short" });
  const tenths = new Intl.NumberFormat(locale, {
    style: "unit",
    unit: "second",
    unitDisplay: "short",
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  });
  const [hours, minutes, seconds] = [unit("hour"), unit("minute"), unit("second")];
  return {
    moment: (iso) => {
      const at = new Date(iso);
      const today = at.toDateString() === new Date().toDateString();
      return today ? time.format(at) : `${day.format(at)}, ${time.format(at)}`;
    },
    exact: (iso) => exact.format(new Date(iso)),
    time: (iso) => time.format(new Date(iso)),
    date: (iso) => full.format(new Date(iso)),
    percent: (fraction) => percent.format(fraction),
    megabytes: (bytes) => megabytes.format(bytes / 1_000_000),
    stretch: (total) => {
      const whole = Math.round(total);
      const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
      if (h > 0) return `${hours.format(h)} ${minutes.format(m)}`;
      return m > 0 ? `${minutes.format(m)} ${seconds.format(s)}` : seconds.format(s);
    },
    took(total) {
      return total < 10 ? tenths.format(total) : this.stretch(total);
    },
    number: (value) => number.format(value),
  };
}

export function useFormat(): Format {
  const { i18n } = useTranslation();
  return formatFor(i18n.language);
}

/** A position on a clock face: `3:07`, `1:02:03`. The same in every language. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (value: number) => String(value).padStart(2, "0");
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}
