/** Waits until a condition holds; throws, with `what` it waited for, after a generous limit. */
export const until = async (
  what: string,
  condition: () => boolean | Promise<boolean>,
  limit = 10_000,
): Promise<void> => {
  const end = performance.now() + limit
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`waited in vain until ${what}`)
    await Bun.sleep(5)
  }
}
