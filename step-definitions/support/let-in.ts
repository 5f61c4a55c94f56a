import { CodedError } from "pagurus";

/** Connects again until it isn't turned away: that another client has left is noticed a moment later. */
export const letInAtLast = async <T>(connect: () => Promise<T>): Promise<T> => {
  for (;;)
    try {
      return await connect();
    } catch (error) {
      if (!CodedError.is(error, "peer-lost")) throw error;
    }
};
