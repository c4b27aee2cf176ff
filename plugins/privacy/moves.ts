import type { Restored } from './restoring.ts'

/** Where places in the text of an answer went, by what was put back before them. */
export const createMoves = () => {
  const moves = new Map<number, Restored[]>()
  return {
    note(choice: number, said: Restored): void {
      const known = moves.get(choice)
      if (known) known.push(said)
      else moves.set(choice, [said])
    },
    placeNow: (choice: number, place: number): number =>
      (moves.get(choice) ?? []).reduce(
        (now, { end, by }) => (end <= place ? now + by : now),
        place,
      ),
  }
}
