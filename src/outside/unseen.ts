/** Letters that nobody sees, in which instructions hide (zero width, direction marks, tags), and controls without meaning. */
const unseen = /[\p{Cf}\p{Variation_Selector}]|[^\P{Cc}\t\n\r]/gu

/** The text without letters that a reader would not see. */
export const seen = (text: string): string => text.replace(unseen, '')
