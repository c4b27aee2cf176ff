/** Whether the text is bytes, and nothing that anybody reads. */
export const isDataUrl = (text: string): boolean => /^data:[^\s,]{0,200};base64,\S*$/.test(text)
