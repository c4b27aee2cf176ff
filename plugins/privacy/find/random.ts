/** The commonest pairs of letters in English words and identifiers. */
const common = new Set(
  (
    'th he in er an re on at en nd ti es or te of ed is it al ar st to nt ng se ha as ou io le ve co me de hi ri ro ic ne ea ' +
    'ra ce li ch ll be ma si om ur ca el ta la ns di fo ho pe ec pr no ct us ac ot il tr ly nc et ut ss so rs un lo wa ge ie ' +
    'wh ee wi em ad ol rt po we na ul ni ts mo ow pa im mi ai sh ir su id os iv ia am fi ci vi pl ig tu ev ld ry mp fe bl ab ' +
    'gh ty op wo sa ay ex ke fr oo av ag if ap gr od bo sp rd do uc bu ei ov by rm ep tt oc fa ef cu rn sc gi da yo cr cl du ' +
    'ga qu ue ff ba ey ls va um pp ua up lu go ht ru ug ds lt pi rc rr eg au ck ew mu br bi pt ak pu ui rg ib tl ny ki rk ys'
  ).split(' '),
)

const placeholder =
  /x{5}|\.{3}|\*{3}|example|(?<![a-z\d])your(?:[-_]|api|key|token|secret)|placeholder|redacted|dummy|changeme|1234567890|abcdefgh/i

/** Whether a key that begins as a vendor's can be one, not what stands for one in a document. */
export const isFilled = (body: string): boolean =>
  !placeholder.test(body) && new Set(body).size >= Math.min(8, body.length / 2)

/** The share of pairs of letters that are common in words. */
const wordiness = (text: string): number => {
  let pairs = 0
  let known = 0
  for (const [word] of text.matchAll(/[A-Za-z]{2,}/g))
    for (let at = 1; at < word.length; at++) {
      pairs++
      if (common.has(word.slice(at - 1, at + 1).toLowerCase())) known++
    }
  return pairs < 4 ? 0 : known / pairs
}

const changes = /[a-z](?=[A-Z\d])|[A-Z](?=\d)|\d(?=[A-Za-z])/g

/** Whether nobody would write this by hand: a key, a hash, an identifier of a machine. */
export const isRandom = (text: string): boolean => {
  if (!isFilled(text) || new Set(text).size < 8) return false
  const digits = text.match(/\d/g)?.length ?? 0
  if (digits === text.length) return false
  const turns = text.match(changes)?.length ?? 0
  if (digits === 0 && (turns < text.length / 6 || text.length < 20)) return false
  if (turns < text.length / 10) return false
  // no word changes its case and has digits as often
  if (/^[\da-f-]+$/i.test(text) || (digits > 2 && turns >= text.length / 4)) return true
  return wordiness(text) < 0.55
}
