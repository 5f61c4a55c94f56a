import { CodedError, type LayerRef } from "pagurus";

/** What the layer's record is read for; a record that is damaged is told as a damaged layer: `layer-damaged`. */
export const ofLayer = async <T>(ref: LayerRef, reading: Promise<T>): Promise<T> => {
  try {
    return await reading;
  } catch (error) {
    throw CodedError.is(error, "object-damaged") ? damagedLayer(ref, error) : error;
  }
};

export const damagedLayer = (ref: LayerRef, cause: CodedError): CodedError => {
  const { object, problem } = cause.data;
  return new CodedError("layer-damaged", { ...ref, problem: `${object}: ${problem}` }, { cause });
};
