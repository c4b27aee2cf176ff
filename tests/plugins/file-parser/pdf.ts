const objectsOf = (pages: readonly string[]): string[] => {
  const kids = pages.map((_, n) => `${4 + 2 * n} 0 R`).join(' ')
  return [
    '<< /Type /Catalog /Pages 2 0 R >>',
    `<< /Type /Pages /Kids [${kids}] /Count ${pages.length} >>`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
    ...pages.flatMap((text, n) => {
      const lines = text.split('\n').map((line) => `(${line.replace(/[()\\]/g, '\\$&')}) Tj T*`)
      const stream = `BT /F1 12 Tf 14 TL 50 700 Td ${lines.join(' ')} ET`
      return [
        `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents ${5 + 2 * n} 0 R /Resources << /Font << /F1 3 0 R >> >> >>`,
        `<< /Length ${stream.length} >>\nstream\n${stream}\nendstream`,
      ]
    }),
  ]
}

const written = (objects: readonly string[], trailer = ''): Uint8Array => {
  let file = '%PDF-1.4\n'
  const offsets: number[] = []
  for (const [n, body] of objects.entries()) {
    offsets.push(file.length)
    file += `${n + 1} 0 obj\n${body}\nendobj\n`
  }
  const start = file.length
  const rows = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('')
  file += `xref\n0 ${offsets.length + 1}\n0000000000 65535 f \n${rows}`
  file += `trailer\n<< /Size ${offsets.length + 1} /Root 1 0 R ${trailer} >>\nstartxref\n${start}\n%%EOF\n`
  return Buffer.from(file, 'latin1')
}

const key = 'ab'.repeat(32)
const lock = `/Encrypt << /Filter /Standard /V 1 /R 2 /O <${key}> /U <${key}> /P -4 >> /ID [<${key}> <${key}>]`

/** A PDF that says a text on each page. @param locked with a password that nobody knows */
export const pdf = (pages: readonly string[], locked = false): Uint8Array =>
  written(objectsOf(pages), locked ? lock : '')

/** A PDF of one page, which was compressed twice. */
export const unfolding = (page: Uint8Array): Uint8Array => {
  const stream = Buffer.from(page).toString('latin1')
  const head = `<< /Length ${stream.length} /Filter [/FlateDecode /FlateDecode] >>`
  return written([...objectsOf(['']).slice(0, -1), `${head}\nstream\n${stream}\nendstream`])
}

export const dataUrl = (bytes: Uint8Array | string, type = 'application/pdf'): string =>
  `data:${type};base64,${Buffer.from(bytes).toString('base64')}`
