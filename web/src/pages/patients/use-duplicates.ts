import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { findDuplicates } from "../../api/clinic-calls";
import type { Duplicates } from "../../api/clinic-types";
import { canBeCompared, errorsOf, patientOf, today, type Form } from "./form";

const STILL_MS = 500;

/** Who is registered already and may be this very person; asked while the form is filled in. */
export function useDuplicates(form: Form): Duplicates["items"] {
  const [still] = useDebouncedValue(form, STILL_MS);
  const wanted = patientOf(still);
  const who = [wanted.name, wanted.birth_date, wanted.age, wanted.sex, wanted.phone, wanted.identifiers];
  const query = useQuery({
    queryKey: ["patients", "duplicates", who],
    queryFn: () => findDuplicates(wanted),
    enabled: canBeCompared(still) && Object.keys(errorsOf(still, today())).length === 0,
    retry: false,
    gcTime: 60_000,
  });
  return canBeCompared(form) ? (query.data?.items ?? []) : [];
}
