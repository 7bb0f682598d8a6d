/** More than these are shown only on request: the best come first. */
const FEW = 3;

/** The offers that are shown: all on request, else the first few; nothing is hidden for the sake of a single one. */
export function shownOffers<Offer>(offers: readonly Offer[], all: boolean): readonly Offer[] {
  return all || offers.length <= FEW + 1 ? offers : offers.slice(0, FEW);
}
