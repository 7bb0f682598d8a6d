import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { noteQuery } from "../../api/queries";
import { asProblem } from "../../api/problem";
import type { Note } from "../../api/types";

/** A change to a note, made on top of the version that the reader sees. */
export type NoteCall = (etag: string) => Promise<Note>;

/**
 * Change a note. The server refuses when somebody else changed it meanwhile; then the newest is fetched, so that the
 * reader decides again on what is there.
 */
export function useNoteChange(note: Note) {
  const client = useQueryClient();
  const goOn = useRef<string | null>(null);
  const drawn = useRef(note.etag);
  // Only once the changed note is drawn: what was next may stand in another group by then.
  useEffect(() => {
    if (drawn.current === note.etag) return;
    drawn.current = note.etag;
    if (goOn.current) document.getElementById(goOn.current)?.querySelector("button")?.focus();
    goOn.current = null;
  }, [note.etag]);
  const mutation = useMutation({
    mutationFn: (call: NoteCall) => call(note.etag),
    onSuccess: (changed) => {
      client.setQueryData(noteQuery(note.note_id).queryKey, changed);
      // Not waited for: the note shown is the newest, and a key pressed on it must not be lost to a change that is done.
      void client.invalidateQueries({ queryKey: ["note", note.note_id, "versions"] });
    },
    onError: async (error) => {
      const { status } = asProblem(error);
      if (status === 412 || status === 409) await client.invalidateQueries({ queryKey: ["note", note.note_id] });
    },
  });
  return {
    busy: mutation.isPending,
    error: mutation.error,
    /**
     * Resolves to whether it was done; the problem is in `error`. The first button of the element with the id `focus`
     * has the keyboard then.
     */
    change: async (call: NoteCall, focus?: string): Promise<boolean> => {
      goOn.current = focus ?? null;
      try {
        await mutation.mutateAsync(call);
        return true;
      } catch {
        goOn.current = null;
        return false;
      }
    },
  };
}

export type NoteChange = ReturnType<typeof useNoteChange>;
