export const CANCELLED = 130

/** The questions of the wizard; nobody is asked where nobody is there. */
export const ask = {
  async model(url: string): Promise<string | typeof CANCELLED> {
    const { isCancel, text } = await import('@clack/prompts')
    const model = await text({
      message: 'Which model shall it use?',
      placeholder: `one of ${url}/v1/models`,
      validate: (model) => (/^\S+$/.test(model ?? '') ? undefined : 'the name of a model'),
    })
    return isCancel(model) ? CANCELLED : model
  },
  async whether(message: string): Promise<boolean> {
    const { confirm, isCancel } = await import('@clack/prompts')
    const answer = await confirm({ message, initialValue: true })
    return !isCancel(answer) && answer
  },
  async which(
    found: readonly { readonly name: string; readonly title: string }[],
  ): Promise<readonly string[]> {
    const { isCancel, multiselect } = await import('@clack/prompts')
    const names = await multiselect({
      message: 'Which coding agents shall use Sluice? Each change is shown first.',
      options: found.map(({ name, title }) => ({ value: name, label: title })),
      required: false,
    })
    return isCancel(names) ? [] : names
  },
}
