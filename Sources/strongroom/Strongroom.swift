@main
struct Strongroom {
    static func main() {
        print("strongroom")
    }
}
