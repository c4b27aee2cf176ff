export { contract, type Work } from './testing/contract.ts'
export {
  fails,
  fakeCall,
  fakeHost,
  fakePlan,
  mount,
  says,
  scripted,
  type Turn,
} from './testing/fakes.ts'
export { saysAll } from './testing/message.ts'
export { calls, type Called } from './testing/tool-turns.ts'
