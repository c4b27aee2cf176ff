declare module 'swagger-ui-dist/*' {
  /** Where the file is. */
  const path: string
  export default path
}

declare module '*/boot.js' {
  const path: string
  export default path
}

declare module '*/style.css' {
  const path: string
  export default path
}
