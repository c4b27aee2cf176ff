/** Lets everything else that waits for the event loop have its turn. */
export const pause = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
