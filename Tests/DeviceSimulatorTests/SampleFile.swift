import DeviceSimulator
import Foundation
import GBCore

/// Ten pictures of H.264, 128×96, a key frame at 0 and 5 (FFmpeg's test pattern through x264), as a file that the
/// simulator repeats: no scene has to be encoded for a test.
enum SampleFile {
  static func media(start: MediaSettings.Start = .atLastKeyFrame) throws -> MediaSettings {
    let directory = NSTemporaryDirectory() + "simulator-tests"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    let path = directory + "/sample.h264"
    let data = Data(base64Encoded: text, options: .ignoreUnknownCharacters) ?? Data()
    if FileManager.default.contents(atPath: path) != data {
      try data.write(to: URL(fileURLWithPath: path), options: .atomic)
    }
    return MediaSettings(source: .file(path), start: start, cacheDirectory: directory)
  }

  /// The coded bytes, to compare with what arrives.
  static var bytes: [UInt8] { Array(Data(base64Encoded: text, options: .ignoreUnknownCharacters) ?? Data()) }

  private static let text = """
    AAAAAWdkAAqstBBtgIgAAAMACAAAAwGQeJE1AAAAAWjvAhywAAABZYiEGf/TNNV11cVLR7fV2jYqLQm7mbRnxG+lF91aG6O7n2CoaMH1
    T2F8V1fYtLHiZktQ999lufyqUu+cx/vnMmBfOZriGmcUAoKAmpFpMqQ0nNEIIfcCq9K9t53xh9Fnr3agxecEhMTlU9iU0hfXNVJTMpf8
    /R/Of/STOPpmp/dFTBY9n2vcQzGErmN0EGzcH1PQbPVug6k7njytXKxvTymKFC6v3Xa2lIpqOcTHTOdKmtC7bz/vdI4GbZVbKF4LwP3Y
    4/nnKVACT82wjWo6tl/ju/iv0bNrl3vSpKSrejbrWLFA/7NowdFGGF+cMaCSRn30LM3eUd7Srihag//27OXcylK4As2UeO4qTrZDfgC5
    zY08TR32M04sT5c7vcimv6mxvvl++WGvGB2fNvKDjIEX27ETy51jJBMXNnFlu25RipPsrM8yM0GgEfLMRWGR2XT6MQ67dD3Tf56Wy/bl
    gGm58wHz/mRqKtKIakJroizyvs8WuAbfdw1tivN3vRUJJAr5guK4/n1vQOVq9rsLG67fe2d185vSMYToD9vX4OtzHxZSkql01WMiCiHp
    yzFd13KEIezl3mdhjTv5IKIRqGCsj5awITMOxQuOFGbM5FSXzlO+/dC2unheWyqcCrHYLKuvrOO+kHgwMjzv2mb0kT7gSKs3Xm00yVnT
    nb4jTlG3gkMsKzLP+Vgv+GKvR/oa8QKclQshchIaeU7nASgFenNOuoV26yqGXtrJgPBGgH/IC40GB2w79iQSD+jEMxeBaAQmcAfu2YIf
    ooWLQALXgnNJ2IV3aQgEJhU8bFF1OvnlYfmVFE6jXAH1r4sdlUR2GuJYrzD8VGSN4jCZ2LpuqfCOY3HvIXTGGoJOAJI9+isZ6VSKgM7u
    9j+VzKz2+ytSgoLtMNfa5prjL265lnwYsS3H2bxc/vKHXyU0tZoBQaFrwvtOl973P1IcCIZKwmEwMpmLE0emTn8xum5TbptBkx1N1Gjp
    LWdekns3DFt0n3X4qYVmykX7SMYpM8hxnZTMedPB/G9TjMgOUefdtOke75F70TxdRSAN9rftvRvhfOwC0rQAv1e1zIVbpP0fqotuvovW
    mR10cZm5/Kr0DV6ZFITXU7SJNFPtmjlybFlEEb7O0S1b/BoQGifgV0TxOwuf/NpfYXjaiPxsYZ9/MITxKlNBtnkmmuBZakl0V2f/34Mm
    JLw0cd1DJ8YUP8WUfOEDzkvrzuLItgnDr156dVXpBh14//+mziUO2vR2NAej041OS42aE+1EISioaUXsJfHCeeYHqsMrr+GY9C6a9c4o
    0PKTRVI7S8TS+nsRv+EAAAABQZomIz/J9RP48f+vnL97/L+PxWsmWfI6V+We/vs9zOtAblPrL8UdwSMRQIzkbRtTeZJZqcwflHlq97W0
    HLwQ1pr6QkoujFglYBbHipGJNOyJrAHMSPErXfuYsfJaR1tf8TihAqlvNgtb0TLGR/f51PQxVCJBCNV1os4sQzeAYyDXNJXiuVV9IkWd
    BW6q5ooVOMbu3ktXllUR5fbYBY77ORCY+GJ2D5ou4jBieVebz3l8WKOPkAAAAAFBmkYjP+NLKPvZ5B2ZAD/5bdadShnF9f3Uv6CMKT4f
    /ySjMjUr9xjenP0ZG5cYghji8nbZUPbGJHwHBiABvQ31Y38FAYjDCiws9lM0y+F+q0buVxr8xXpRcb6vrL2Lq+k8XDVdeOhfFkX7BM+D
    RPiZdNXqHjAGBW3o4f3WSflW8OJE9R77HD813hwIDFTehSGUBB4Jt5SxUQ9H32Ltnr5FCTq8BHzWXk5BLBAYzkneaNWNgiYEDko9+o1t
    kzYhWOWxAAAAAUGaZiM/4zfeA9D1EPjkJYkeMm7kaIb+rFOPVgtvcKef+F5G4pMBJDVDTacqND8MocCMp4jVE7fwasmbiOSqnrzs+Q6w
    gushnrPU1v8pmW0tGE+k4Bgy28e/IEXmjIGSCeyu0P1P36Y+0qA6Cb1BIS8z+ly5A/h4Q7rakYjfiKKonX0r+kdlYXepfcdXCV3w2P2+
    xmr06lMLZFiHrDSyipLXurJlcT0X9lFr3gasMPLuny3NhTF+f6u95JfcgcZAMXWv6vU+NF/kDmzn72t5DTdHiKoAHL6ZicC5pKGJEvnc
    2SqZYIYAAAABQZqGIz/jpebe1Yfv/w6t4fhmoqYrLxiHJRaWf9KG/qnqP2sb89244JIzjTAMwjdP49h4kHG/YWPBDjHpfppvjvz7Q4cR
    JDr1Ghm1yTklXlUUIHMrFPu1Fn/A+hJ0bi/VW3pluLcOmjiJUSC/2G1lxA7OLeK1M9gXXaJzVmVjhrhpeM9eCq313hZ4ym1RZ5jg8Ksf
    SqMprhRgMXGArXAI4p7igIeicl+l/7v0Fos1weLKG8CIeYrBU3dV+5JLh9vn09ZLg/9nypv8u6flfv8wL1XGf7ozaeBUSt1uCOj/rBap
    /gCskvya/tuQ+68eEPP4zEEAAAABZ2QACqy0EG2AiAAAAwAIAAADAZB4kTUAAAABaO8CHLAAAAFliIIEf9vhlb3GA28vnxBk0+03GYIH
    dGe4zxlZ04UkP5RnTVvKSYmp/ZQQyXLZE6psc+war1S3SpY/AjA0HIWSqsB//+yO5IwO+6ql+ynjlsDKleBqHFfyrLgE3dtIi+zymYhr
    uVnQsg13+eCgQM9Ag3Khf+g2mcAKzuCk0I1rMxXxVntGnwAANAFt74OJHJprGYJms/qx/y5uuf2cLKlusKW5g1uTswKtMx/lHMbsISHd
    En3QZ5IqWtTmb6NgKjvsBx/YPqTQ7keG/dYm5fAIj4JcJQeJzgJ5matezmD/kXK/LlFLRFHGaSgShog5qDPe4saRS9kLZbF6SXF/5jhE
    PIBQ54IW0BQSojOho3qzigcOc8yFG+3n6HS/FPTBdWk1jyKkvgCxSCx+bqKSLyevVCYNiTpviFHpD9wq+jrAqxMgHTXe4ajvC6KOi1ZF
    UEOQjiOPGPar/t+oyS0ELhQRmANX/RP5oJHPK89clDg0HiH/vefZTvczoSpdtSFfix6ofvftiIvnI4U2kuSoEEpkXS1TQDgWZWVBgdFK
    7SJtXaPYkimObVL4VELHmBpQy2I3gv1iYJv8E7A8TnO/+/B1W3pVHjjt0Le9sq0/VneAtQ+xEPxpBAhzQKxyHsYk+WAWJ1SNCIXGP8CJ
    zBKZnv2Mkoz6n5gMJD1sNvfe03xksqjL3cS7rxiZy85A25zFYpy3NDB2eMWrXNLd6kFhAiH5bdNAyGdJxP/gdpRSW8f8zgB3i5jHk8pO
    6Xsh9VOOsr6Q9zmNaNUeWY7GSinKEPL79uCtCvpsMS8ESNJ6KNRIu2JmUfEo74n9Mm9hbQJ1rl+QKqwcSOzI5aReClV4w0EsR6f9gUSg
    YWoE3v6Z4pb74a5w8BbDVelG8I39dk9EBUaKxoVJhJ1UGPXLSlvpFYS8TzudNewGrzcdAtgMsxYFi4UxzxPGiM4buY+J5v8OsLz0BW0y
    LF7aMa1LyLaFdtKamquvGxsuN/lijrfgFHQuucp3lSAUJo7ALjROW0Y/yLAg3+o1/djUU7GGIY7HiU+ztf5aKMHR2m1kqOjHc5827bGK
    dx5MZnTaky45+0TEz1f//V7hwKP/qw4ewkWn7WwKqqrvh+H1J4B759eF+Sh6SNICuXBro7hM3NxM0dwKXr/Vi/gOLAeYg3iSaw62VDv/
    8fryNqbT/ANnblP16Uy3V8gwwzQOSeyvzoL3kULyB+6ZCdTHOHQ3ahqFp9zhLWEEYyv6XlkEABm+wRbKS89yUdt6snvqwks9ltIQTRpt
    Ej/oxDdhEhG/XvIzr264ubYBnlErrXmvuQsjOrsLFVRRMhIgFhLfSANGKpMlEIC86lkK+paMuESLHj4jylrLm3npaqPmxYHmHMClyhrn
    Ih2svk2YP0aDqLFnjQ+Yyd1O8huJ0nBc+DNKZyFtTM4UQoSDUyLlgK3SOW728mxW6CgcB8L2A8nCvP3iDlhT3jMXe2M2q4AIF2/q6RjN
    hfjQqpmUmRmbvMULgPgK475eYVWAZEhHNpxXsFolbUlctsD92ytlxrXVQJuYxRNVgtwGBL6nWsUdAAAAAUGaJiO/fi8//n5IX9yPv7YV
    UNP12PGgZFrkKSLUhWmvJo1Nufb75/4EXeAtGlIm2pOqckhluJu4G7zX+1i9tU3IxDl0nRl+Rr28GbJZfchDjiumFHDfscHNFnXPNlni
    c/TmF5skIXNlirWOguqK7kWeLhdOo252UabBxhGe7ozvp7q/p51h8ig+4DWILotftqafvWKdgThDe+5N2tWFWuVGEqOP3WDvDYUL9bZ5
    LpkAAAABQZpGIQ/nsgo1i/90vbPZXoDf/+wWD9BW1KfmYdcLn98Y09+/lRjqgnbPyVWyomXHTGt+YPN3Q2uC9SuGghzkaYRxwcdgvf/f
    Q0Erg8OwbscbU0O4+qO6FrP0G5w8XyYwTS9OJm3f8uVoJETfdAXOl3zuJ14iqXxf//bYAViORPOoFOSg46EwpsSXF6YxJbn/LPEpSdBl
    BlxEVVgMl4W/vzqjW4xSYW9rHOvj/3pZ/PEAAAABQZpmIS+bEdyQf6u7xpY+UMILy9wwLfYnfcoeFFkUhcxT0F+LmFeZFa0dZjALMS6s
    dHRlYCIILZub2QnIzHQV9ZXuJhvcr73/KbrAl/Zv17t2UGF0GWa2XZOJimB9HtOmVJdNvb9864Ns+R2UkRl0V/DOThYYzIpuZ3A1awUN
    bVhB+Kw+uJUh+ZVNixsE6awu9/1m0fHnGr+XY01vicqSgb0Bo+8O5vllBAp9ArFtde53q+M2M03/P1jbYAAAAAFBmoYhb5lXywiGPG3z
    gV8Wp4kwDauun06GCesdmGlR38LU9U8vcv1yk/IpDBtiw2SOuQCPuzt/mo+9BP04pxiVLPp9oOsSbfVx1G+yza4DzTmdWv4KYRgw2xoN
    pIcpXQe+uGeLDDn4dU9b06SerH+8DLbSay7R2ozDIA==
    """
}
