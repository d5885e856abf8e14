import { testLikeXState } from './testing/likeXstate.ts'

testLikeXState({ walks: 30, transitions: 4, reached: 6 })
