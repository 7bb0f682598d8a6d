import { useEffect } from "react";

/** The document's title: the page's own first, so that a tab and a screen reader say which page it is. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title ? `${title} · Auscult` : "Auscult";
  }, [title]);
}
