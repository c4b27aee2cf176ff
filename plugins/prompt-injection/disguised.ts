/** Letters that are not seen, and letters that only look like those of ASCII. */
const strange =
  /[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\uff01-\uff5e\u{1d400}-\u{1d7ff}\u{e0000}-\u{e007f}\u0430-\u0455\u0391-\u03bf]/u

const unseen = /[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]/u

/** Cyrillic and Greek letters that are drawn as Latin ones. */
const twins = new Map(
  [...'аaеeоoрpсcхxуyіiѕsԁdАAВBЕEКKМMНHОOРPСCТTХXοoαaιiνvΑAΒBΕEΖZΗHΙIΚKΜMΝNΟOΡPΤTΥYΧX'].flatMap(
    (letter, at, all) => (at % 2 === 0 ? [[letter, all[at + 1] ?? letter] as const] : []),
  ),
)

const plainOf = (letter: string): string => {
  const code = letter.codePointAt(0) ?? 0
  // tags, which no screen shows, repeat ASCII
  if (code >= 0xe0000 && code <= 0xe007f) return String.fromCharCode(code - 0xe0000)
  if (unseen.test(letter)) return ''
  return twins.get(letter) ?? (code > 0x7f ? letter.normalize('NFKC') : letter)
}

/** The text in plain letters, and where each of them stands in the original; undefined where it has no others. */
export const undisguised = (
  text: string,
): { readonly text: string; readonly placeOf: (at: number) => number } | undefined => {
  if (!strange.test(text)) return undefined
  const places: number[] = []
  let plain = ''
  let at = 0
  for (const letter of text) {
    const one = plainOf(letter)
    for (let n = 0; n < one.length; n++) places.push(at)
    plain += one
    at += letter.length
  }
  return plain === text
    ? undefined
    : { text: plain, placeOf: (place) => places[place] ?? text.length }
}
