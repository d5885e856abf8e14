import { testLikeXState } from './testing/likeXstate.ts'

testLikeXState({ walks: 100, transitions: 4, reached: 20 })
