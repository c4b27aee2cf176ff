/** What is known of a model by its name; without a number it is taken to be a new one. */
export interface Version {
  readonly number: number
  readonly pro: boolean
  readonly lite: boolean
  readonly known: boolean
}

export const versionOf = (model: string): Version => {
  const name = model.toLowerCase()
  const [, number] = /gemini-(?:\w+-)?(\d+(?:\.\d+)?)/.exec(name) ?? []
  return {
    number: number === undefined ? 3 : Number(number),
    pro: name.includes('pro'),
    lite: name.includes('lite'),
    known: number !== undefined,
  }
}
