import { openDoor } from './door.ts'

// for `bun test --preload`: tests of plugins that live outside this package
openDoor()
