// @ts-check
/// <reference lib="webworker" />
// The app's own files, kept on the device so that the recorder opens without a network. Nothing of the API is ever
// cached: patient data lives on the server, and the recorder's slices in IndexedDB.

const VERSION = "__VERSION__";
const FILES = ["__FILES__"];
const CACHE = `auscult-${VERSION}`;
const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));

worker.addEventListener("install", (event) => {
  event.waitUntil(
    caches.open(CACHE).then((cache) => cache.addAll(FILES.map((file) => new Request(file, { cache: "reload" })))),
  );
});

worker.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys()) {
        if (name.startsWith("auscult-") && name !== CACHE) await caches.delete(name);
      }
      await worker.clients.claim();
    })(),
  );
});

// The page asks for this when the person has agreed to the update; never by itself in the middle of a recording.
worker.addEventListener("message", (event) => {
  if (event.data === "use-update") void worker.skipWaiting();
});

worker.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== worker.location.origin || !url.pathname.startsWith("/app/")) {
    return;
  }
  event.respondWith(event.request.mode === "navigate" ? page(event.request) : asset(event.request));
});

/**
 * Every page of the app is the same document: the kept one, which matches the kept files.
 * @param {Request} request
 */
async function page(request) {
  return (await caches.match("/app/", { cacheName: CACHE })) ?? fetch(request);
}

/** @param {Request} request */
async function asset(request) {
  return (await caches.match(request, { cacheName: CACHE, ignoreSearch: true })) ?? fetch(request);
}
