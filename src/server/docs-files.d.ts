declare module 'swagger-ui-dist/*' {
  /** Where the file is. */
  const path: string
  export default path
}

declare module '*/docs-boot.js' {
  const path: string
  export default path
}

declare module '*/docs-style.css' {
  const path: string
  export default path
}
