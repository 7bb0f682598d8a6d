import { useTranslation } from "react-i18next";
import { asProblem } from "../api/problem";
import { useSaid } from "./said";

/** A problem in the reader's words: what happened, and what to do next. */
export function useProblemText(): (error: unknown) => { reason: string; remedy: string } {
  const { t } = useTranslation();
  const said = useSaid();
  return (error) => {
    const problem = asProblem(error);
    if (problem.offline) return { reason: t("problem.offline"), remedy: t("problem.offlineRemedy") };
    if (problem.status === 401) return { reason: t("problem.signedOut"), remedy: t("problem.signedOutRemedy") };
    if (problem.status === 404) return { reason: t("problem.notFound"), remedy: t("problem.notFoundRemedy") };
    if (problem.status === 412) return { reason: t("problem.stale"), remedy: t("problem.staleRemedy") };
    return { reason: said(problem.message), remedy: said(problem.remedy) || t("problem.remedy") };
  };
}
