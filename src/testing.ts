export { contract } from './testing/contract.ts'
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
export { calls, type Called } from './testing/tool-turns.ts'
