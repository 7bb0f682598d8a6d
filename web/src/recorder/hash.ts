/** Lowercase hexadecimal SHA-256 of bytes. */
export async function sha256(bytes: BufferSource): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The hash of a whole recording: over the concatenated hexadecimal hashes of its slices, in order. */
export async function sha256OfSlices(hashes: readonly string[]): Promise<string> {
  return sha256(new TextEncoder().encode(hashes.join("")));
}
