import { finished, withHead, type Batch } from '../stream.ts'

/** The answer once it has said something; undefined when it is still silent after so many milliseconds. */
export const openedWithin = async (
  opening: Promise<AsyncIterator<Batch>>,
  patience: number,
): Promise<AsyncIterator<Batch> | undefined> => {
  let timer: ReturnType<typeof setTimeout> | undefined
  const silence = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), patience)
  })
  try {
    return await Promise.race([opening, silence])
  } finally {
    clearTimeout(timer)
  }
}

/** The first batch, and all of them. */
export const peek = async (
  batches: AsyncIterator<Batch>,
): Promise<readonly [Batch | undefined, AsyncIterator<Batch>]> => {
  const first = await batches.next()
  if (first.done) return [undefined, batches]
  return [first.value, withHead([first.value], batches)]
}

/** The batches of an answer that has said nothing yet. */
export const stillSilent = (opening: Promise<AsyncIterator<Batch>>): AsyncIterator<Batch> => ({
  next: async () => (await opening).next(),
  return: async () => (await (await opening).return?.()) ?? finished,
})
