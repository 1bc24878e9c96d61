/** What is used of libsodium's raw module: addresses and lengths are bytes in its memory. */
declare module "libsodium" {
  export type Sodium = {
    /** Another view once the memory has grown. */
    readonly HEAPU8: Uint8Array<ArrayBuffer>;
    /** 0 when there is no memory left. */
    _malloc(length: number): number;
    _free(address: number): void;
    /** `crypto_aead_xchacha20poly1305_ietf_encrypt`. Lengths of 64 bits are given as two of 32, the lower first. */
    _crypto_aead_xchacha20poly1305_ietf_encrypt(
      sealed: number,
      sealedLengthAt: number,
      plain: number,
      plainLength: number,
      plainLengthHigh: number,
      context: number,
      contextLength: number,
      contextLengthHigh: number,
      noSecretNonce: number,
      nonce: number,
      key: number,
    ): number;
    /** `crypto_aead_xchacha20poly1305_ietf_decrypt`: 0 when it is what was sealed. */
    _crypto_aead_xchacha20poly1305_ietf_decrypt(
      plain: number,
      plainLengthAt: number,
      noSecretNonce: number,
      sealed: number,
      sealedLength: number,
      sealedLengthHigh: number,
      context: number,
      contextLength: number,
      contextLengthHigh: number,
      nonce: number,
      key: number,
    ): number;
  };
  export default function loadSodium(): Promise<Sodium>;
}
