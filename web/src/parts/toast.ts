import { useSyncExternalStore, type ReactNode } from "react";

/** What has just happened, and the way back from it or on to it. */
export interface ToastMessage {
  text: string;
  action?: ReactNode;
}

let shown: ToastMessage | null = null;
const listeners = new Set<() => void>();

/** Show it in place of the one before. It stays until it is closed: nobody should have to hurry to undo. */
export function toast(message: ToastMessage | null): void {
  shown = message;
  for (const listener of listeners) listener();
}

export function useToast(): ToastMessage | null {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => shown,
  );
}
