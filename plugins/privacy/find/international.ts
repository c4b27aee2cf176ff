import { beginsWord, isDigit, isWord } from './characters.ts'
import { digitsOf, type Run } from './numbers.ts'

/** Calling codes of more than one digit, and how many digits follow; 4 to 12 where the country does not say. */
const plans =
  '1:10 7:10 20:8-10 27:9 30:10 31:9 32:8-9 33:9 34:9 36:8-9 39:6-12 40:9 41:9 43:4-13 44:7-10 45:8 46:7-10 47:8 48:9 ' +
  '49:5-13 51:8-9 52:10 53:8 54:10-11 55:10-11 56:9 57:10 58:10 60:8-10 61:9 62:8-12 63:8-10 64:8-10 65:8 66:8-9 ' +
  '81:9-10 82:8-11 84:9-10 86:8-11 90:10 91:10 92:9-10 93:9 94:9 95:7-10 98:10 211:9 212:9 213:8-9 216:8 218:8-9 ' +
  '220:7 221:9 222:8 223:8 224:8-9 225:10 226:8 227:8 228:8 229:8-10 230:7-8 231:7-9 232:8 233:9 234:8-10 235:8 236:8 ' +
  '237:8-9 238:7 239:7 240:9 241:7-8 242:9 243:7-9 244:9 245:7-9 248:7 249:9 250:9 251:9 252:7-9 253:8 254:9 255:9 ' +
  '256:9 257:8 258:8-9 260:9 261:9 262:9 263:8-9 264:8-9 265:7-9 266:8 267:7-8 268:8 269:7 290:5 291:7 297:7 298:6 ' +
  '299:6 350:8 351:9 352:6-11 353:7-9 354:7-9 355:8-9 356:8 357:8 358:6-12 359:7-9 370:8 371:8 372:7-8 373:8 374:8 ' +
  '375:9 376:6-9 377:8-9 378:6-10 380:9 381:7-9 382:8 383:8 385:8-9 386:8 387:8 389:8 420:9 421:9 423:7-9 500:5 501:7 ' +
  '502:8 503:8 504:8 505:8 506:8 507:7-8 508:6 509:8 590:9 591:8 592:7 593:8-9 594:9 595:9 596:9 597:6-7 598:8 599:7-8 ' +
  '670:7-8 672:6 673:7 674:7 675:7-8 676:5-7 677:5-7 678:5-7 679:7 680:7 681:6 682:5 683:4 685:5-7 686:5-8 687:6 688:5 ' +
  '689:6-8 690:4 691:7 692:7 850:8-10 852:8 853:8 855:8-9 856:8-10 880:8-10 886:8-9 960:7 961:7-8 962:8-9 963:8-9 ' +
  '964:8-10 965:8 966:8-9 967:7-9 968:8 970:8-9 971:8-9 972:8-9 973:8 974:8 975:7-8 976:8 977:8-10 992:9 993:8 994:9 ' +
  '995:9 996:9 998:9'

const known = new Map(
  plans.split(' ').map((plan) => {
    const [code = '', least = '', most = least] = plan.split(/[:-]/)
    return [code, [Number(least), Number(most)] as const]
  }),
)

const isNumber = (digits: string): boolean => {
  for (let length = 1; length <= 3; length++) {
    const plan = known.get(digits.slice(0, length))
    if (!plan) continue
    const rest = digits.slice(length).replace(/^0/, '').length
    if (rest < plan[0] || rest > plan[1]) return false
    return length > 1 || digits[0] === '7' || /^1[2-9]\d\d[2-9]/.test(digits)
  }
  return false
}

/** Whether a `+` begins a number, and no sum. */
const isPlus = (text: string, at: number): boolean =>
  text.charCodeAt(at) === 43 && beginsWord(text, at) && !/[_)\]}+.$]/.test(text.charAt(at - 1))

/** The last group of the international number whose first group stands at `first` after a `+`, or -1. */
export const internationalAt = (text: string, run: Run, first: number): number => {
  const start = run.starts[first] ?? 0
  if (!isPlus(text, start - 1) || !/[1-9]/.test(text.charAt(start))) return -1
  let found = -1
  for (let last = first; last < run.starts.length && last < first + 8; last++) {
    const digits = digitsOf(text, run, first, last)
    if (digits.length > 15) break
    if (!isNumber(digits)) continue
    const end = run.ends[last] ?? 0
    if (
      !isWord(text.charCodeAt(end)) &&
      !(text.charAt(end) === '.' && isDigit(text.charCodeAt(end + 1)))
    )
      found = last
    // written without a space, it has none later on
    if (last === first && digits.length > 8) break
  }
  return found
}
