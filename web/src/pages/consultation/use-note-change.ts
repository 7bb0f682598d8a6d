import { useMutation, useQueryClient } from "@tanstack/react-query";
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
    /** Resolves to whether it was done; the problem is in `error`. */
    change: async (call: NoteCall): Promise<boolean> => {
      try {
        await mutation.mutateAsync(call);
        return true;
      } catch {
        return false;
      }
    },
  };
}

export type NoteChange = ReturnType<typeof useNoteChange>;
