import { testLikeXState } from './testing/likeXstate.ts'

testLikeXState({ walks: 100, transitions: 8, reached: 20 })
