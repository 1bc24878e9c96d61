/** `4:07 left`, `2 h 5 min left`, `time is up`. */
export function timeLeftWords(seconds: number): string {
  if (seconds <= 0) return "time is up";
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")} left`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h ${Math.floor((seconds % 3_600) / 60)} min left`;
  return `${Math.floor(seconds / 86_400)} d ${Math.floor((seconds % 86_400) / 3_600)} h left`;
}
