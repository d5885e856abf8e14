import { testLikeXState } from './testing/likeXstate.ts'

testLikeXState({ walks: 60, transitions: 4, reached: 10 })
