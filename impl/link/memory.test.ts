import { complies } from './testing/compliance.ts'
import { memoryFixture } from './testing/fixtures.ts'

complies('the memory link', () => memoryFixture())
