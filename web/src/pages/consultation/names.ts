/** Tell whether every word looked for begins a word of the name; case and accents do not matter. */
export function nameMatches(name: string, wanted: string): boolean {
  const words = folded(name).split(/\s+/);
  return folded(wanted)
    .split(/\s+/)
    .every((part) => words.some((word) => word.startsWith(part)));
}

/** Latin accents are left out; the vowel signs of Devanagari belong to the letters and stay. */
function folded(text: string): string {
  return text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase().trim();
}
